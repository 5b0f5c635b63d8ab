package io.switchboard.broker;

import io.switchboard.broker.Condition.Comparator;
import io.switchboard.broker.Expression.Arithmetic;
import io.switchboard.broker.Expression.Field;
import io.switchboard.broker.Expression.Header;
import io.switchboard.broker.Expression.Literal;
import io.switchboard.broker.Expression.Named;
import io.switchboard.broker.Expression.Operand;
import io.switchboard.broker.SelectorLexer.Kind;
import io.switchboard.broker.SelectorLexer.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a selector by recursive descent, one method a line:
///
/// ```
/// or        = and *( OR and )
/// and       = not *( AND not )
/// not       = *NOT predicate
/// predicate = sum [ comparator sum | IS [NOT] NULL | [NOT] BETWEEN sum AND sum
///                 | [NOT] LIKE string [ ESCAPE string ]
///                 | [NOT] IN "(" string *( "," string ) ")" ]
/// sum       = product *( ( "+" | "-" ) product )
/// product   = signed *( ( "*" | "/" ) signed )
/// signed    = *( "+" | "-" ) primary
/// primary   = number | string | TRUE | FALSE | name | "(" or ")"
/// ```
///
/// Parentheses may hold a condition or an operand; which one it was, and whether it may stand where
/// it does, is checked when it has been read.
final class SelectorParser {
    private static final String VALUE = "a header's name, a value or (";

    private final SelectorLexer lexer;
    private final int depthMax;
    private Token token;
    private int depth;

    SelectorParser(String text, int depthMax) {
        this.lexer = new SelectorLexer(text);
        this.depthMax = depthMax;
        this.token = lexer.next();
    }

    /// @throws SelectorSyntax where it is no selector
    Condition parse() {
        int start = token.index();
        Condition condition = condition(or(), start);
        if (token.kind() != Kind.END) {
            throw expected("an operator or the end");
        }
        return condition;
    }

    private Expression or() {
        int start = token.index();
        Expression first = and();
        if (!token.is("OR")) {
            return first;
        }
        List<Condition> any = new ArrayList<>();
        any.add(condition(first, start));
        while (accept("OR")) {
            int next = token.index();
            any.add(condition(and(), next));
        }
        return new Condition.Or(List.copyOf(any));
    }

    private Expression and() {
        int start = token.index();
        Expression first = not();
        if (!token.is("AND")) {
            return first;
        }
        List<Condition> all = new ArrayList<>();
        all.add(condition(first, start));
        while (accept("AND")) {
            int next = token.index();
            all.add(condition(not(), next));
        }
        return new Condition.And(List.copyOf(all));
    }

    private Expression not() {
        if (!token.is("NOT")) {
            return predicate();
        }
        boolean negated = false;
        while (accept("NOT")) {
            negated = !negated;
        }
        int start = token.index();
        Condition condition = condition(predicate(), start);
        return negated ? new Condition.Not(condition) : condition;
    }

    private Expression predicate() {
        int start = token.index();
        Expression left = sum();
        Comparator comparator = comparator();
        if (comparator != null) {
            return comparison(comparator, left, start);
        }
        if (accept("IS")) {
            boolean negated = accept("NOT");
            expect("NULL");
            return new Condition.Missing(negated, named(left, start));
        }
        boolean negated = accept("NOT");
        if (accept("BETWEEN")) {
            return between(negated, number(left, start));
        }
        if (accept("LIKE")) {
            return like(negated, named(left, start));
        }
        if (accept("IN")) {
            return in(negated, named(left, start));
        }
        if (negated) {
            throw expected("BETWEEN, LIKE or IN");
        }
        return left;
    }

    private @Nullable Comparator comparator() {
        if (token.kind() != Kind.SYMBOL) {
            return null;
        }
        return switch (token.value()) {
            case "=" -> Comparator.EQUAL;
            case "<>" -> Comparator.UNEQUAL;
            case "<" -> Comparator.LESS;
            case "<=" -> Comparator.LESS_OR_EQUAL;
            case ">" -> Comparator.GREATER;
            case ">=" -> Comparator.GREATER_OR_EQUAL;
            default -> null;
        };
    }

    /// Only numbers have an order: JMS 2.0, section 3.8.1.1.
    private Condition comparison(Comparator comparator, Expression left, int start) {
        advance();
        int next = token.index();
        Expression right = sum();
        return comparator.ordered()
                ? new Condition.Comparison(comparator, number(left, start), number(right, next))
                : new Condition.Comparison(comparator, operand(left, start), operand(right, next));
    }

    /// As the comparisons that it is short for: with NOT it is `value < low OR value > high`, so
    /// that what is no number is neither between nor not.
    private Condition between(boolean negated, Operand value) {
        int start = token.index();
        Operand low = number(sum(), start);
        expect("AND");
        int next = token.index();
        Operand high = number(sum(), next);
        return negated
                ? new Condition.Or(
                        List.of(
                                new Condition.Comparison(Comparator.LESS, value, low),
                                new Condition.Comparison(Comparator.GREATER, value, high)))
                : new Condition.And(
                        List.of(
                                new Condition.Comparison(Comparator.GREATER_OR_EQUAL, value, low),
                                new Condition.Comparison(Comparator.LESS_OR_EQUAL, value, high)));
    }

    private Condition like(boolean negated, Named named) {
        int start = token.index();
        String pattern = string("a pattern in single quotes");
        if (!accept("ESCAPE")) {
            return new Condition.Like(negated, named, LikePattern.of(pattern));
        }
        Token escape = token;
        String character = string("an escape character in single quotes");
        if (character.codePointCount(0, character.length()) != 1) {
            throw SelectorSyntax.expected("one escape character", escape.written(), escape.index());
        }
        int point = character.codePointAt(0);
        if (LikePattern.endsInEscape(pattern, point)) {
            throw SelectorSyntax.expected(
                    "a character behind the last " + character + " of the pattern",
                    "its end",
                    start);
        }
        return new Condition.Like(negated, named, LikePattern.of(pattern, point));
    }

    private Condition in(boolean negated, Named named) {
        expect("(");
        Set<String> values = new HashSet<>();
        do {
            values.add(string("a string in single quotes"));
        } while (accept(","));
        if (!accept(")")) {
            throw expected(", or )");
        }
        return new Condition.In(negated, named, Set.copyOf(values));
    }

    private Expression sum() {
        int start = token.index();
        Expression first = product();
        return token.is("+") || token.is("-") ? arithmetic(first, start, "+", "-") : first;
    }

    private Expression product() {
        int start = token.index();
        Expression first = signed();
        return token.is("*") || token.is("/") ? arithmetic(first, start, "*", "/") : first;
    }

    private Operand arithmetic(Expression first, int start, String one, String other) {
        Operand left = number(first, start);
        List<Arithmetic.Step> steps = new ArrayList<>();
        while (token.is(one) || token.is(other)) {
            char operator = token.value().charAt(0);
            advance();
            int next = token.index();
            Expression right = operator == '+' || operator == '-' ? product() : signed();
            steps.add(new Arithmetic.Step(operator, number(right, next)));
        }
        return new Arithmetic(left, List.copyOf(steps));
    }

    /// A sign belongs to a literal that follows it: the smallest number has no positive twin.
    private Expression signed() {
        if (!token.is("+") && !token.is("-")) {
            return primary();
        }
        boolean negative = false;
        while (token.is("+") || token.is("-")) {
            negative ^= token.is("-");
            advance();
        }
        if (token.kind() == Kind.NUMBER) {
            return literal(negative);
        }
        int start = token.index();
        return new Expression.Sign(negative, number(primary(), start));
    }

    private Expression primary() {
        if (token.kind() == Kind.NUMBER) {
            return literal(false);
        }
        if (token.kind() == Kind.STRING) {
            return new Literal(string("a string"));
        }
        if (token.kind() == Kind.NAME) {
            Named named = named(token);
            advance();
            return named;
        }
        if (accept("TRUE")) {
            return new Literal(true);
        }
        if (accept("FALSE")) {
            return new Literal(false);
        }
        if (!token.is("(")) {
            throw expected(VALUE);
        }
        if (depth == depthMax) {
            throw expected("at most " + depthMax + " parentheses inside each other");
        }
        depth++;
        advance();
        Expression inner = or();
        if (!accept(")")) {
            throw expected("an operator or )");
        }
        depth--;
        return inner;
    }

    private Literal literal(boolean negative) {
        Number value = Numbers.literal(token.value(), negative);
        if (value == null) {
            throw expected("a whole number of 64 bits or a finite decimal");
        }
        advance();
        return new Literal(value);
    }

    /// What JMS calls by other names than STOMP does, as far as it lets selectors name it. Every
    /// other name is a header's.
    private Named named(Token name) {
        return switch (name.value()) {
            case "destination", "JMSDestination" -> Field.DESTINATION;
            case "message-id", "JMSMessageID" -> Field.MESSAGE_ID;
            case "priority", "JMSPriority" -> Field.PRIORITY;
            case "timestamp", "JMSTimestamp" -> Field.TIMESTAMP;
            case "JMSDeliveryMode" -> Field.DELIVERY_MODE;
            case "JMSCorrelationID" -> new Header("correlation-id");
            case "JMSReplyTo" -> new Header("reply-to");
            case "JMSType" -> new Header("type");
            case "JMSExpiration", "JMSRedelivered" ->
                    throw expected("a name that selectors may use");
            default -> new Header(name.value());
        };
    }

    private static Condition condition(Expression read, int start) {
        return switch (read) {
            case Condition condition -> condition;
            case Named named -> new Condition.Flag(named);
            case Literal(Boolean truth) -> new Condition.Constant(Truth.of(truth));
            case Operand value -> throw SelectorSyntax.expected("a condition", "a value", start);
        };
    }

    private static Operand operand(Expression read, int start) {
        if (read instanceof Operand operand) {
            return operand;
        }
        throw SelectorSyntax.expected("a value", "a condition", start);
    }

    private static Operand number(Expression read, int start) {
        Operand operand = operand(read, start);
        if (operand instanceof Literal(Object value) && !(value instanceof Number)) {
            throw SelectorSyntax.expected(
                    "a number or a header's name",
                    value instanceof String text ? "'" + text + "'" : value.toString(),
                    start);
        }
        return operand;
    }

    private static Named named(Expression read, int start) {
        if (read instanceof Named named) {
            return named;
        }
        throw SelectorSyntax.expected(
                "a header's name", read instanceof Operand ? "a value" : "a condition", start);
    }

    private String string(String what) {
        if (token.kind() != Kind.STRING) {
            throw expected(what);
        }
        String value = token.value();
        advance();
        return value;
    }

    private boolean accept(String keywordOrSymbol) {
        if (!token.is(keywordOrSymbol)) {
            return false;
        }
        advance();
        return true;
    }

    private void expect(String keywordOrSymbol) {
        if (!accept(keywordOrSymbol)) {
            throw expected(keywordOrSymbol);
        }
    }

    private void advance() {
        token = lexer.next();
    }

    private SelectorSyntax expected(String what) {
        return SelectorSyntax.expected(what, token.written(), token.index());
    }
}

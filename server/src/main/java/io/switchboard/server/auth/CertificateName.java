package io.switchboard.server.auth;

import io.switchboard.broker.Principal;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/// What of a client certificate is its owner's name. It names nobody unless there is exactly one.
public enum CertificateName {
    /// The common name of the subject.
    CN("cn", 0),
    /// Of the subject's alternative names (RFC 5280 section 4.2.1.6), and so the next ones.
    EMAIL("email", 1),
    DNS("dns", 2),
    URI("uri", 6);

    private final String text;

    /// The tag of a GeneralName.
    private final int kind;

    CertificateName(String text, int kind) {
        this.text = text;
        this.kind = kind;
    }

    /// As the configuration spells it.
    public String text() {
        return text;
    }

    Verdict authenticate(Credentials who) {
        X509Certificate certificate = who.certificate();
        if (certificate == null) {
            return Verdict.PASSED;
        }
        try {
            // A TLS session that is taken up again does not look.
            certificate.checkValidity();
            List<String> names = names(certificate);
            if (names.size() != 1 || names.getFirst().isBlank()) {
                return new Verdict.Refused(
                        "expected one name ("
                                + text
                                + ") in the certificate but was "
                                + names.size());
            }
            Principal principal =
                    new Principal(
                            names.getFirst(),
                            who.local(),
                            who.address(),
                            Set.of(),
                            Map.of(),
                            certificate.getNotAfter().getTime());
            return new Verdict.Accepted(principal, "certificate");
        } catch (CertificateException e) {
            return new Verdict.Refused("the certificate does not hold now");
        }
    }

    private List<String> names(X509Certificate certificate) throws CertificateParsingException {
        List<String> names = new ArrayList<>();
        if (this == CN) {
            X500Name subject =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            // One that stands beside others may come behind them, whatever the order they are
            // written in.
            for (RDN each : subject.getRDNs(BCStyle.CN)) {
                for (AttributeTypeAndValue attribute : each.getTypesAndValues()) {
                    if (attribute.getType().equals(BCStyle.CN)) {
                        names.add(text(attribute.getValue()));
                    }
                }
            }
            return names;
        }
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> each : alternatives) {
                if (each.get(0) instanceof Integer found && found == kind) {
                    names.add(String.valueOf(each.get(1)));
                }
            }
        }
        return names;
    }

    /// As it stands in the certificate: `Doe, Jane`, where a distinguished name that is written out
    /// would have `Doe\, Jane`.
    private static String text(ASN1Encodable value) {
        return value instanceof ASN1String string
                ? string.getString()
                : IETFUtils.valueToString(value);
    }
}

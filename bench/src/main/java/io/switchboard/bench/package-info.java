/// The load generator: `switchboard bench`.
///
/// It must be cheap, so that one core drives a fast server, and it must not be fooled: every
/// delivery is counted and checked while it measures. One Netty event loop owns all connections and
/// everything else here; nothing is shared.
///
/// ## The way of a delivery
///
/// ```
///   LoadConnection    bytes of one socket, in a buffer that all connections share
///   WebSocketScanner  frames: unmasked, short, whole ones are looked at where they lie
///   StompScanner      a MESSAGE is recognised by its first bytes, its NUL, and the stamp that
///                     its body begins with; whatever looks otherwise goes through the decoders
///                     of `websocket` and `stomp`
///   Stamp             run, publisher, sequence number, time
///   Deliveries        per subscriber and publisher the number must rise by one
///   Load              latency, and what is to be sent next
/// ```
///
/// No object is made on this way. A frame that a read has cut waits in [Held] until the rest is
/// there.
///
/// `bench echo` has no STOMP in it: there [RawScanner] takes the place of StompScanner.
///
/// `bench queue` goes the same way with other stations at its end: [QueueScanner] decodes every
/// frame, since it must acknowledge each message, [QueueDeliveries] lets any consumer have a
/// number, and [QueueLoad] keeps so many messages of each producer in flight.
@NullMarked
package io.switchboard.bench;

import org.jspecify.annotations.NullMarked;

/// What tests of several modules share: a clock that moves when it is told ([VirtualClock]), bytes
/// that travel without a network ([Pipe], [Pair], [MemoryWire]), memory that is watched
/// ([HeapSlabs]), and the simulation of the whole broker ([Simulation]).
@NullMarked
package io.switchboard.testkit;

import org.jspecify.annotations.NullMarked;

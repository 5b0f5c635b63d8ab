package io.switchboard.testkit;

import io.switchboard.broker.Slab;
import io.switchboard.broker.Wire;
import org.jspecify.annotations.Nullable;

/// A wire that hands on what it gets, unless a [Fault] strikes.
final class FaultyWire implements Wire {
    private final MemoryWire wire;
    private final Faults faults;
    private @Nullable Late late;

    private record Late(HeapSlabs.Counted slab, int offset, int length) {}

    FaultyWire(MemoryWire wire, Faults faults) {
        this.wire = wire;
        this.faults = faults;
    }

    @Override
    public boolean writable() {
        return wire.writable();
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        if (faults.strike(Fault.WRITE_LOST)) {
            return;
        }
        if (late == null && faults.strike(Fault.WRITE_LATE)) {
            HeapSlabs.Counted counted = (HeapSlabs.Counted) slab;
            counted.retain();
            late = new Late(counted, offset, length);
            return;
        }
        wire.write(slab, offset, length);
        if (faults.strike(Fault.WRITE_DOUBLED)) {
            wire.write(slab, offset, length);
        }
        if (faults.strike(Fault.SLAB_KEPT)) {
            ((HeapSlabs.Counted) slab).retain();
        }
        writeLate();
    }

    private void writeLate() {
        Late due = late;
        late = null;
        if (due != null) {
            wire.write(due.slab, due.offset, due.length);
            due.slab.release();
        }
    }

    @Override
    public void flush() {
        wire.flush();
    }
}

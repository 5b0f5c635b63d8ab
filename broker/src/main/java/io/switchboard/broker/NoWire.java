package io.switchboard.broker;

/// Of a session without a connection: nothing is ever written to it.
enum NoWire implements Wire {
    INSTANCE;

    @Override
    public boolean writable() {
        return false;
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        throw new IllegalStateException("nobody reads this");
    }

    @Override
    public void flush() {
        throw new IllegalStateException("nobody reads this");
    }
}

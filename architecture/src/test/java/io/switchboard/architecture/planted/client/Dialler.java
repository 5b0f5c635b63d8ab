package io.switchboard.architecture.planted.client;

public final class Dialler {}

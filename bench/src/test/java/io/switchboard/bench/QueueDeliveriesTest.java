package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueueDeliveriesTest {
    private final QueueDeliveries deliveries = new QueueDeliveries(1, 2);

    @Test
    void eachNumberCountsOnceWhoeverGetsIt() {
        assertThat(deliveries.take(0, 0, 1)).isTrue();
        assertThat(deliveries.take(0, 1, 2)).isTrue();
        assertThat(deliveries.take(0, 0, 2)).isFalse();
        assertThat(deliveries.received()).isEqualTo(2);
        assertThat(deliveries.doubled()).isEqualTo(1);
        assertThat(deliveries.reordered()).isZero();
    }

    @Test
    void numbersRiseAtEachConsumer() {
        deliveries.take(0, 0, 2);
        deliveries.take(0, 1, 1);
        assertThat(deliveries.reordered()).isZero();
        deliveries.take(0, 0, 5);
        deliveries.take(0, 0, 3);
        deliveries.take(0, 0, 4);
        assertThat(deliveries.reordered()).isEqualTo(2);
    }

    @Test
    void whatIsRedeliveredHasLostItsPlace() {
        deliveries.take(0, 0, 5);
        assertThat(deliveries.takeAgain(0, 3)).isTrue();
        assertThat(deliveries.takeAgain(0, 5)).isFalse();
        assertThat(deliveries.redelivered()).isEqualTo(2);
        assertThat(deliveries.received()).isEqualTo(2);
        assertThat(deliveries.reordered() + deliveries.doubled()).isZero();
    }

    @Test
    void aReceiptCountsOnce() {
        assertThat(deliveries.takeReceipt(0, 1)).isTrue();
        assertThat(deliveries.takeReceipt(0, 1)).isFalse();
        assertThat(deliveries.receipts()).isEqualTo(1);
    }
}

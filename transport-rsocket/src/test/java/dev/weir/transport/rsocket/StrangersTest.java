package dev.weir.transport.rsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class StrangersTest {
  private final Strangers strangers = new Strangers(5, 3);

  private static InetSocketAddress peer(String address) {
    return new InetSocketAddress(address, 1234);
  }

  @Test
  void oneAddressLeavesRoomForOthers() {
    for (int i = 0; i < 3; i++) {
      assertThat(strangers.admit(peer("10.0.0.1"))).isNotNull();
    }
    assertThat(strangers.admit(peer("10.0.0.1"))).isNull();
    assertThat(strangers.admit(peer("10.0.0.2"))).isNotNull();
    assertThat(strangers.admit(peer("10.0.0.3"))).isNotNull();
    assertThat(strangers.admit(peer("10.0.0.4"))).as("five are the most").isNull();
    assertThat(strangers.now()).isEqualTo(5);
  }

  @Test
  void whoLeavesMakesRoomOnce() {
    Strangers.Stranger first = strangers.admit(peer("10.0.0.1"));
    assertThat(first).isNotNull();
    strangers.admit(peer("10.0.0.1"));
    strangers.admit(peer("10.0.0.1"));
    first.leave();
    first.leave();
    assertThat(first.isHere()).isFalse();
    assertThat(strangers.now()).isEqualTo(2);
    assertThat(strangers.admit(peer("10.0.0.1"))).isNotNull();
    assertThat(strangers.admit(peer("10.0.0.1"))).isNull();
  }

  @Test
  void aRefusedOneCountsNowhere() {
    for (int i = 0; i < 20; i++) {
      strangers.admit(peer("10.0.0.1"));
    }
    assertThat(strangers.now()).isEqualTo(3);
  }

  @Test
  void anIpv6NetworkCountsAsOneAddress() {
    for (int i = 1; i <= 3; i++) {
      assertThat(strangers.admit(peer("2001:db8:1:1::" + i))).isNotNull();
    }
    assertThat(strangers.admit(peer("2001:db8:1:1:ffff::1"))).isNull();
    assertThat(strangers.admit(peer("2001:db8:1:2::1"))).isNotNull();
  }

  @Test
  void peersWithoutAnAddressCountTogether() {
    for (int i = 0; i < 3; i++) {
      assertThat(strangers.admit(null)).isNotNull();
    }
    assertThat(strangers.admit(null)).isNull();
  }
}

package io.otp.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallbackModuleTests {

  /** Loading a class for the first time looks the same, and costs the module nothing for ever. */
  @Test
  void learnsThatItBlocksWhenItIsSeenOftenEnough() {
    CallbackModule module = CallbackModule.of("Gateway", "gen_server");
    for (int i = 1; i < CallbackModule.TIMES_TO_LEARN; i++) {
      module.learnBlocking();
      assertThat(module.needsOwnThread()).isFalse();
    }
    module.learnBlocking();
    assertThat(module.needsOwnThread()).isTrue();
  }
}

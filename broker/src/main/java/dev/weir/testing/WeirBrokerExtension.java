package dev.weir.testing;

import dev.weir.client.WeirClient;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests of JUnit 5 and later a broker: {@code @ExtendWith(WeirBrokerExtension.class)}, then
 * parameters of type {@link WeirTestBroker} or {@link WeirClient} in constructors, tests and
 * life-cycle methods. The broker starts when it is first asked for, is one for all tests of the
 * class, and is closed after them: tests keep apart by the names of their topics.
 */
public final class WeirBrokerExtension implements ParameterResolver, AfterAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(WeirBrokerExtension.class);

  private static final String KEY = "broker";

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == WeirTestBroker.class || type == WeirClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    WeirTestBroker broker = brokerOf(context);
    return parameter.getParameter().getType() == WeirClient.class ? broker.client() : broker;
  }

  @Override
  public void afterAll(ExtensionContext context) {
    WeirTestBroker broker = context.getStore(NAMESPACE).remove(KEY, WeirTestBroker.class);
    if (broker != null) {
      broker.close();
    }
  }

  /** Nested classes find the broker of the class around them, if it has one. */
  private static synchronized WeirTestBroker brokerOf(ExtensionContext context) {
    ExtensionContext ofClass = context;
    while (ofClass.getTestMethod().isPresent()) {
      ofClass = ofClass.getParent().orElseThrow();
    }
    ExtensionContext.Store store = ofClass.getStore(NAMESPACE);
    WeirTestBroker broker = store.get(KEY, WeirTestBroker.class);
    if (broker == null) {
      broker = WeirTestBroker.start();
      store.put(KEY, broker);
    }
    return broker;
  }
}

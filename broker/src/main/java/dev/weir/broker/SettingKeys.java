package dev.weir.broker;

/**
 * Names of the settings that the command line has flags for; all names are in the settings loader.
 */
public final class SettingKeys {
  public static final String DATA_DIR = "data.dir";
  public static final String HOST = "host";
  public static final String PORT = "port";
  public static final String HTTP_PORT = "http.port";

  private SettingKeys() {}
}

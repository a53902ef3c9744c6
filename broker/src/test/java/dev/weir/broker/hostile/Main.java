package dev.weir.broker.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** {@code bin/campaign hostile [SECONDS [ATTACK]]}. */
final class Main {
  private static final int SECONDS = 10;
  private static final Duration QUIET = Duration.ofSeconds(3);

  private Main() {}

  public static void main(String[] args) throws Exception {
    int seconds = args.length > 0 ? secondsOf(args[0]) : SECONDS;
    String wanted = args.length > 1 ? args[1] : "";
    List<Attack> attacks =
        Siege.attacks().stream().filter(attack -> attack.toString().contains(wanted)).toList();
    if (attacks.isEmpty()) {
      System.err.println("there is no attack with \"" + wanted + "\" in its name:");
      Siege.attacks().forEach(System.err::println);
      System.exit(2);
    }
    Path dir = Files.createTempDirectory("weir-hostile");
    boolean well = false;
    try {
      well = besiege(dir, attacks, Duration.ofSeconds(seconds));
    } finally {
      delete(dir);
    }
    System.exit(well ? 0 : 1);
  }

  private static int secondsOf(String text) {
    if (!text.matches("\\d{1,6}")) {
      System.err.println("usage: bin/campaign hostile [SECONDS=" + SECONDS + " [ATTACK]]");
      System.exit(2);
    }
    return Integer.parseInt(text);
  }

  private static boolean besiege(Path dir, List<Attack> attacks, Duration each) throws Exception {
    try (Siege siege = new Siege(dir, QUIET)) {
      for (Attack attack : attacks) {
        System.err.println("hostile: " + attack);
        siege.run(attack, each);
      }
      siege.finish();
      System.out.print(siege.report().table());
      System.out.printf(
          "%d attacks, %,d records of the tenant, none lost and none twice%n",
          attacks.size(), siege.tenantRecords());
      return true;
    } catch (AssertionError | Exception e) {
      e.printStackTrace();
      return false;
    }
  }

  private static void delete(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

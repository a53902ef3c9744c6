package dev.weir.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each rule says what breaks when it is broken. */
class ArchitectureTest {
  private static final String CORE = "dev.weir.core..";
  private static final String STORAGE = "dev.weir.storage..";
  private static final String REPLICATION = "dev.weir.replication..";
  private static final String METADATA = "dev.weir.metadata..";
  private static final String TRANSPORT = "dev.weir.transport.rsocket..";
  private static final String CLIENT = "dev.weir.client..";
  private static final String BROKER = "dev.weir.broker..";
  private static final String CLI = "dev.weir.broker.cli..";

  private static JavaClasses weir;

  @BeforeAll
  static void importClasses() {
    weir =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.weir");
  }

  @Test
  void everyModuleIsSeenByTheseRules() {
    for (String module :
        List.of(CORE, STORAGE, REPLICATION, METADATA, TRANSPORT, CLIENT, BROKER, CLI)) {
      assertThat(weir.stream().filter(resideInAPackage(module)).count())
          .as("classes in %s: a rule over no classes cannot fail", module)
          .isPositive();
    }
  }

  @Test
  void modulesDependInOneDirection() {
    check(onlyUse(CORE), "core holds the words everyone shares and knows nobody");
    check(onlyUse(STORAGE, CORE), "a log on disk must be testable, and trusted, without a network");
    check(
        onlyUse(REPLICATION, CORE, STORAGE),
        "replication talks through its port PeerChannel, so that a simulator can be its network");
    check(onlyUse(METADATA, CORE), "the cluster's truth must not depend on what is built from it");
    check(
        onlyUse(TRANSPORT, CORE),
        "the transport carries messages and does not know what they mean");
    check(
        onlyUse(CLIENT, CORE, TRANSPORT),
        "applications must not get the broker onto their class path with the client");
    check(
        noClasses()
            .that(resideInAPackage(BROKER).and(DescribedPredicate.not(resideInAPackage(CLI))))
            .should()
            .dependOnClassesThat(resideInAnyPackage(CLIENT, CLI)),
        "the broker and the client meet only in the command line and in end-to-end tests");
  }

  @Test
  void onlyTheTransportKnowsRSocketAndNettyBuffers() {
    check(
        noClasses()
            .that(
                resideInAPackage("dev.weir..")
                    .and(DescribedPredicate.not(resideInAPackage(TRANSPORT))))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.rsocket..", "io.netty.buffer..")),
        "a reference-counted buffer that leaves the transport has no owner who is sure to release it");
  }

  @Test
  void protocolCoresSeeNoReactorNoNettyAndNoSockets() {
    check(
        noClasses()
            .that(resideInAnyPackage(CORE, STORAGE, REPLICATION, METADATA))
            .should()
            .dependOnClassesThat(resideInAnyPackage("reactor..", "io.netty..", "java.net..")),
        "the state machines run under a simulator that owns every event; a hidden scheduler breaks replay");
  }

  @Test
  void clocksAreReadInOnePlace() {
    check(
        noClasses()
            .that(
                resideInAPackage("dev.weir..")
                    .and(DescribedPredicate.not(resideInAPackage("dev.weir.core.time..")))
                    .and(DescribedPredicate.not(resideInAPackage("dev.weir.core.loop..")))
                    .and(DescribedPredicate.not(resideInAPackage("dev.weir.benchmarks.."))))
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(java.time.Instant.class, "now"),
        "code that reads a clock by itself cannot be tested at the moment that matters; use core.time.Time");
  }

  @Test
  void protocolCoresDrawNoRandomNumbersOfTheirOwn() {
    check(
        noClasses()
            .that(resideInAnyPackage(STORAGE, REPLICATION))
            .should()
            .dependOnClassesThat(are(type(Random.class)))
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random"),
        "a run must be repeatable from its seed");
  }

  @Test
  void coordinatorsOfGroupsArePlainStateMachines() {
    check(
        noClasses()
            .that(resideInAPackage("dev.weir.broker.group.state.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "reactor..",
                    "io.netty..",
                    "java.net..",
                    "java.nio.file..",
                    "java.io..",
                    STORAGE,
                    REPLICATION,
                    METADATA,
                    TRANSPORT))
            .orShould()
            .dependOnClassesThat(are(type(Random.class)))
            .orShould()
            .callMethod(UUID.class, "randomUUID"),
        "whether a partition ever has two owners is tested by running every order of events");
  }

  @Test
  void filesAreTouchedOnlyThroughTheDiskPort() {
    check(
        noClasses()
            .that(
                resideInAnyPackage(STORAGE, REPLICATION)
                    .and(DescribedPredicate.not(resideInAPackage("dev.weir.storage.disk.."))))
            .should()
            .dependOnClassesThat(
                are(
                    DescribedPredicate.<JavaClass>describe(
                        "java.nio.file.Files or a stream on a file",
                        c ->
                            c.getName().equals("java.nio.file.Files")
                                || c.getName().startsWith("java.io.File")
                                || c.getName().equals("java.io.RandomAccessFile")))),
        "a file operation the simulated disk does not see is a crash point nobody tested");
  }

  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.weir.(**)")
        .should()
        .beFreeOfCycles()
        .because("two packages that need each other are one package with two names")
        .check(weir);
  }

  @Test
  void nothingIsNamedAfterADustbin() {
    check(
        noClasses()
            .that(resideInAPackage("dev.weir..").and(notGenerated()))
            .should()
            .haveNameMatching(".*(Manager|Util|Utils|Helper|Helpers|Impl)"),
        "such a name does not say what the class is for, and so everything fits into it");
  }

  @Test
  void everyPackageSaysThatNullIsTheException() {
    classes()
        .that(resideInAPackage("dev.weir..").and(notGenerated()))
        .should()
        .resideInAnyPackage(nullMarkedPackages())
        .because("NullAway checks only what is @NullMarked")
        .check(weir);
  }

  private static String[] nullMarkedPackages() {
    return weir.stream()
        .filter(c -> c.getSimpleName().equals("package-info"))
        .filter(c -> c.isAnnotatedWith("org.jspecify.annotations.NullMarked"))
        .map(JavaClass::getPackageName)
        .toArray(String[]::new);
  }

  private static DescribedPredicate<JavaClass> notGenerated() {
    return DescribedPredicate.not(
        resideInAnyPackage(
            "dev.weir.core.protocol..", "dev.weir.metadata.format..", "..jmh_generated.."));
  }

  /** Classes of the first package use, of Weir's own, only these packages and themselves. */
  private static ArchRule onlyUse(String module, String... others) {
    String[] allowed = new String[others.length + 1];
    allowed[0] = module;
    System.arraycopy(others, 0, allowed, 1, others.length);
    return noClasses()
        .that(resideInAPackage(module))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.weir..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed))));
  }

  private static void check(ArchRule rule, String because) {
    rule.because(because).check(weir);
  }
}

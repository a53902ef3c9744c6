package dev.weir.core.route;

/** Route names and MIME types of the protocol; a contract with every client. */
public final class Routes {
  public static final String PRODUCE = "produce";
  public static final String FETCH = "fetch";
  public static final String METADATA = "metadata";
  public static final String OFFSETS_LIST = "offsets.list";
  public static final String OFFSETS_COMMIT = "offsets.commit";
  public static final String OFFSETS_FETCH = "offsets.fetch";
  public static final String GROUP = "group";
  public static final String GROUP_COORDINATOR = "group.coordinator";
  public static final String PRODUCER_INIT = "producer.init";
  public static final String ADMIN_TOPICS_CREATE = "admin.topics.create";
  public static final String ADMIN_TOPICS_DELETE = "admin.topics.delete";
  public static final String ADMIN_TOPICS_ALTER = "admin.topics.alter";
  public static final String ADMIN_TOPICS_LIST = "admin.topics.list";
  public static final String ADMIN_TOPICS_DELETE_RECORDS = "admin.topics.delete-records";
  public static final String ADMIN_TOPICS_DESCRIBE = "admin.topics.describe";
  public static final String ADMIN_SUBSCRIPTIONS_LIST = "admin.subscriptions.list";
  public static final String ADMIN_GROUPS_LIST = "admin.groups.list";
  public static final String ADMIN_GROUPS_DESCRIBE = "admin.groups.describe";
  public static final String ADMIN_GROUPS_DELETE = "admin.groups.delete";
  public static final String ADMIN_GROUPS_DELETE_OFFSETS = "admin.groups.delete-offsets";

  /** Record level: {@code topics.<percent-encoded topic>.produce} and {@code ….subscribe}. */
  public static final String TOPICS_PREFIX = "topics.";

  public static final String TOPIC_PRODUCE_SUFFIX = ".produce";
  public static final String TOPIC_SUBSCRIBE_SUFFIX = ".subscribe";

  /** Composite metadata entry with the protobuf message that describes the data. */
  public static final String MIME_HEADER = "application/x.weir.v1+protobuf";

  /** Composite metadata entry with a record's coordinates, key and headers. */
  public static final String MIME_RECORD = "application/x.weir.record+json";

  public static final String MIME_JSON = "application/json";
  public static final String MIME_PROTOBUF = "application/x-protobuf";

  private Routes() {}
}

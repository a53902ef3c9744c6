package dev.weir.broker.cli;

import dev.weir.client.ReceiverRecord;
import dev.weir.core.record.RecordCursor;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;

/** How {@code weir consume} prints one record, its newline included. One thread. */
interface RecordFormat {
  void write(int partition, RecordCursor record, ByteSink out) throws IOException;

  void write(ReceiverRecord<byte[], byte[]> record, ByteSink out) throws IOException;

  /** Chosen by name; the JSON library is loaded only when it is needed. */
  enum Name {
    VALUE,
    KEY_VALUE,
    JSON;

    RecordFormat create() {
      return switch (this) {
        case VALUE -> new PlainFormat(false);
        case KEY_VALUE -> new PlainFormat(true);
        case JSON -> new JsonFormat();
      };
    }
  }

  final class NameChoice implements ITypeConverter<Name> {
    @Override
    public Name convert(String value) {
      return Choice.of(
          value, Map.of("value", Name.VALUE, "key-value", Name.KEY_VALUE, "json", Name.JSON));
    }
  }
}

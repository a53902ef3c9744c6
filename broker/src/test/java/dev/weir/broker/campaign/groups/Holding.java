package dev.weir.broker.campaign.groups;

import java.util.List;

/** A partition that a member believed to be its own, from one moment (ms) to another. */
record Holding(int partition, long from, long to, List<Span> spans) {
  Holding {
    spans = List.copyOf(spans);
  }
}

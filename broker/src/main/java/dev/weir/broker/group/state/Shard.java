package dev.weir.broker.group.state;

import dev.weir.core.error.ErrorCode;
import dev.weir.core.error.WeirException;
import dev.weir.core.time.Time;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the parts of a coordinator's shard share. One thread. */
final class Shard {
  final Time time;
  final RunningClock clock;
  final GroupSettings settings;
  final ShardState state;
  final Sessions sessions = new Sessions();
  TopicsView topics = TopicsView.EMPTY;

  /** Groups whose assignment may not be what it should be. */
  final Set<String> unsettled = new LinkedHashSet<>();

  Shard(Time time, GroupSettings settings, StateBudget budget) {
    this.time = time;
    this.clock = new RunningClock(time);
    this.settings = settings;
    this.state = new ShardState(budget);
  }

  @Nullable Group find(String group) {
    return state.find(group);
  }

  /** UNKNOWN_GROUP. */
  Group require(String group) {
    Group found = state.find(group);
    if (found == null) {
      throw new WeirException(ErrorCode.UNKNOWN_GROUP, "there is no group '" + group + "'");
    }
    return found;
  }

  /** The group of somebody who has a session. */
  Group of(Session session) {
    return Objects.requireNonNull(state.find(session.member().group()));
  }

  /** OVERLOADED when the groups of this broker take all the memory they may. */
  void requireRoom(Collection<GroupRecord> records) {
    if (!state.hasRoomFor(records)) {
      throw new WeirException(
          ErrorCode.OVERLOADED,
          "the groups of this broker take all the memory they may (group.state.bytes)");
    }
  }
}

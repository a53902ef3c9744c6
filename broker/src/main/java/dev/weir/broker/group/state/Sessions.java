package dev.weir.broker.group.state;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sessions of all members of a shard, by member and by channel. */
final class Sessions {
  private final Map<Session.Member, Session> byMember = new LinkedHashMap<>();
  private final Map<Long, Session> byChannel = new LinkedHashMap<>();

  @Nullable Session of(String group, String memberId) {
    return byMember.get(new Session.Member(group, memberId));
  }

  @Nullable Session on(long channel) {
    return byChannel.get(channel);
  }

  Collection<Session> all() {
    return Collections.unmodifiableCollection(byMember.values());
  }

  boolean isEmpty() {
    return byMember.isEmpty();
  }

  /** The member is on this channel, and on no other. */
  Session connect(String group, String memberId, long channel, String address) {
    Session session = byMember.computeIfAbsent(new Session.Member(group, memberId), Session::new);
    byChannel.remove(session.channel());
    session.connect(channel, address);
    byChannel.put(channel, session);
    return session;
  }

  /** The session whose channel this was; null when it has another one, or none, by now. */
  @Nullable Session disconnect(long channel) {
    Session session = byChannel.remove(channel);
    if (session != null) {
      session.disconnect();
    }
    return session;
  }

  /** A member that is known from the log and has not come yet. */
  Session expect(String group, String memberId) {
    return byMember.computeIfAbsent(new Session.Member(group, memberId), Session::new);
  }

  void remove(String group, String memberId) {
    Session session = byMember.remove(new Session.Member(group, memberId));
    if (session != null) {
      byChannel.remove(session.channel());
    }
  }
}

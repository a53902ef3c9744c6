package dev.weir.broker.campaign.groups;

/** What must not happen. */
enum Breach {
  /** Acknowledged to the producer, processed by nobody. */
  LOST,
  /** The coordinator gave a partition away that had an owner, or one epoch to two members. */
  TWO_OWNERS,
  /** Two members held a partition at once, and the coordinator had removed neither. */
  OVERLAP,
  /** A member processed what the coordinator had not assigned to it. */
  NOT_ASSIGNED,
  /** A committed offset lower than one before it. */
  COMMIT_FELL,
  /** A commit that a member was told of is not there in the end. */
  COMMIT_LOST,
  /** A live member with records to read read none. */
  STALLED,
  /** A member ended with an error, or the producer's record failed. */
  FAILED_CLIENT,
  /** A record that is not what was sent to its offset. */
  FOREIGN,
  /** The run proves nothing. */
  VACUOUS
}

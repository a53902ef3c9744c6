/**
 * A consumer group under churn: members are real processes that join, leave, are killed and paused
 * while records come; what they and the coordinator did is written down and checked afterwards.
 */
package dev.weir.broker.campaign.groups;

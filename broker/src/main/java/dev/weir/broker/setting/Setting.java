package dev.weir.broker.setting;

/**
 * One setting as people meet it. The reference page is made of these.
 *
 * @param orElse the default as text; words where the machine decides
 * @param meaning what it does
 * @param extremes what too small and too large a value do; empty for a choice
 */
public record Setting(String name, Values values, String orElse, String meaning, String extremes) {}

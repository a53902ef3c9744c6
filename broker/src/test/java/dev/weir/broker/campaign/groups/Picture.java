package dev.weir.broker.campaign.groups;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Records in flight above, how long rebalances took below, over the same seconds. */
final class Picture {
  private static final int WIDTH = 1100;
  private static final int HEIGHT = 380;

  private final Evidence evidence;

  Picture(Evidence evidence) {
    this.evidence = evidence;
  }

  /**
   * @param file ends in .png
   */
  void draw(List<Ownership.Rebalance> rebalances, String title, Path file) throws IOException {
    List<XYChart> charts = List.of(inFlight(title), durations(rebalances));
    BitmapEncoder.saveBitmap(charts, 2, 1, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  private XYChart inFlight(String title) {
    List<Span> spans = new ArrayList<>();
    evidence.members().forEach(member -> spans.addAll(member.spans()));
    spans.sort(Comparator.comparingLong(Span::to));
    List<Produced.Sample> samples = evidence.produced().samples();
    double[] seconds = new double[samples.size()];
    double[] records = new double[samples.size()];
    long[] processed = new long[evidence.partitions()];
    int next = 0;
    for (int i = 0; i < samples.size(); i++) {
      Produced.Sample sample = samples.get(i);
      for (; next < spans.size() && spans.get(next).to() <= sample.at(); next++) {
        Span span = spans.get(next);
        processed[span.partition()] = Math.max(processed[span.partition()], span.last() + 1);
      }
      for (int partition = 0; partition < processed.length; partition++) {
        records[i] += Math.max(0, sample.ends().get(partition) - processed[partition]);
      }
      seconds[i] = second(sample.at());
    }
    XYChart chart = chart(title, "acknowledged, not processed");
    XYSeries series = chart.addSeries("records in flight", seconds, records);
    series.setMarker(SeriesMarkers.NONE).setLineColor(new Color(0x1b6ca8));
    return chart;
  }

  private XYChart durations(List<Ownership.Rebalance> rebalances) {
    XYChart chart = chart("Rebalances: until every partition has an owner and none drains", "ms");
    if (!rebalances.isEmpty()) {
      double[] seconds =
          rebalances.stream().mapToDouble(rebalance -> second(rebalance.from())).toArray();
      double[] millis = rebalances.stream().mapToDouble(Ownership.Rebalance::millis).toArray();
      XYSeries series = chart.addSeries("rebalances", seconds, millis);
      series.setLineStyle(SeriesLines.NONE);
      series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(new Color(0xd1495b));
    }
    return chart;
  }

  private double second(long at) {
    return (at - evidence.begin()) / 1e3;
  }

  private static XYChart chart(String title, String axis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("seconds")
            .yAxisTitle(axis)
            .build();
    chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(0.0).setXAxisMin(0.0);
    return chart;
  }
}

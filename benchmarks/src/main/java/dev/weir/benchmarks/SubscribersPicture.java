package dev.weir.benchmarks;

import dev.weir.benchmarks.MemoryFlow.Moment;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Throughput above, the broker's memory below, over the same seconds. */
final class SubscribersPicture {
  private static final int WIDTH = 1100;
  private static final int HEIGHT = 420;
  private static final Color ALONE = new Color(0x1b6ca8);
  private static final Color TOGETHER = new Color(0xd1495b);
  private static final Color HEAP = new Color(0xedae49);
  private static final Color DIRECT = new Color(0x00798c);

  private SubscribersPicture() {}

  /**
   * @param title what was measured
   * @param file ends in .png
   */
  static void draw(MemoryFlow flow, String title, String without, String with, Path file)
      throws IOException {
    XYChart speed = chart(title, "MB/s, the fast together");
    points(speed, without, flow, false, ALONE);
    points(speed, with, flow, true, TOGETHER);
    XYChart memory = chart("The broker's memory", "MB");
    double[] seconds = flow.column(Moment::second);
    line(memory, "resident", seconds, flow.column(Moment::residentMegabytes), ALONE);
    line(memory, "heap in use", seconds, flow.column(Moment::heapMegabytes), HEAP);
    line(memory, "direct buffers", seconds, flow.column(Moment::directMegabytes), DIRECT);
    BitmapEncoder.saveBitmap(
        List.of(speed, memory), 2, 1, file.toString(), BitmapEncoder.BitmapFormat.PNG);
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
    chart
        .getStyler()
        .setChartBackgroundColor(Color.WHITE)
        .setLegendPosition(Styler.LegendPosition.OutsideS)
        .setLegendLayout(Styler.LegendLayout.Horizontal);
    chart.getStyler().setYAxisMin(0.0).setXAxisMin(0.0);
    return chart;
  }

  /** Turns alternate: a line would join what is not joined. */
  private static void points(
      XYChart chart, String name, MemoryFlow flow, boolean withSlow, Color color) {
    double[] seconds = flow.seconds(withSlow);
    if (seconds.length > 0) {
      XYSeries series =
          chart.addSeries(name, seconds, flow.column(Moment::fastMegabytesPerSecond, withSlow));
      series.setLineStyle(SeriesLines.NONE);
      series.setMarker(SeriesMarkers.CIRCLE);
      series.setMarkerColor(color);
    }
  }

  private static void line(
      XYChart chart, String name, double[] seconds, double[] values, Color color) {
    double[] known = Arrays.stream(values).map(v -> Double.isNaN(v) ? 0 : v).toArray();
    XYSeries series = chart.addSeries(name, seconds, known);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
  }
}

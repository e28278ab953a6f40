using System.Net;
using System.Text;
using FlaskStack.Bench.Results;

namespace FlaskStack.Bench.Report;

/// <summary>Draws bars as SVG: medians, with a whisker from the least to the most.</summary>
internal static class BarChart
{
    private const int Width = 860;
    private const int Left = 210;
    private const int Right = 90;
    private const int Top = 56;
    private const int BarHeight = 16;
    private const int GroupGap = 34;
    private const double WideRange = 40;

    /// <summary>Draws a metric.</summary>
    /// <param name="metric">What the bars show.</param>
    /// <param name="groups">The bars.</param>
    public static string Draw(Metric metric, IReadOnlyList<BarGroup> groups)
    {
        var scale = Scale.For(groups.SelectMany(group => group.Bars).Select(bar => bar.Spread.Median), Width - Left - Right, WideRange);
        var height = Top + groups.Sum(group => GroupGap + (group.Bars.Count * BarHeight)) + BarHeight;
        var figures = $"medians of the rounds and their spread{(scale.IsLogarithmic ? ", logarithmic scale" : "")}";
        var svg = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" """)
            .AppendLine(CultureInfo.InvariantCulture, $"""width="{Width}" height="{height}" font-family="sans-serif" font-size="12">""")
            .AppendLine(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{height}" fill="#ffffff"/>""")
            .AppendLine(Text(16, 26, "start", $"{metric.Title}{(metric.Unit.Length > 0 ? $" ({metric.Unit})" : "")}", "16"))
            .AppendLine(Text(16, 44, "start", figures, "11"));
        var y = Top;
        foreach (var group in groups)
        {
            svg.AppendLine(Text(16, y + 20, "start", group.Title, "13"));
            y += GroupGap - 6;
            foreach (var bar in group.Bars)
            {
                DrawBar(svg, metric, scale, bar, y);
                y += BarHeight;
            }

            y += 6;
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawBar(StringBuilder svg, Metric metric, Scale scale, Bar bar, int y)
    {
        var middle = y + (BarHeight / 2);
        var length = scale.Length(bar.Spread.Median);
        var (least, most) = (scale.Length(bar.Spread.Least), scale.Length(bar.Spread.Most));
        svg.AppendLine(Text(Left - 8, middle + 4, "end", bar.Title, "12"))
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"""<rect x="{Left}" y="{y + 2}" width="{length:0.#}" height="{BarHeight - 4}" fill="{bar.Color}"/>""")
            .Append(least.Equals(most) ? "" : Whisker(Left + least, Left + most, middle))
            .AppendLine(Text(Left + Math.Max(length, most) + 6, middle + 4, "start", metric.Format(bar.Spread.Median), "12"));
    }

    private static string Whisker(double least, double most, int middle) => string.Create(
        CultureInfo.InvariantCulture,
        $"""<path d="M{least:0.#} {middle}H{most:0.#}M{least:0.#} {middle - 3}v6M{most:0.#} {middle - 3}v6" """
        + $"""stroke="#222222" fill="none"/>{'\n'}""");

    private static string Text(double x, double y, string anchor, string text, string size) => string.Create(
        CultureInfo.InvariantCulture,
        $"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" font-size="{size}" fill="#222222">{WebUtility.HtmlEncode(text)}</text>""");
}

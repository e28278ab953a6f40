namespace FlaskStack.Bench.Report;

/// <summary>A colour for each competitor, the same in every plot, and distinguishable without full colour vision.</summary>
internal static class Palette
{
    private const string Other = "#999999";

    private static readonly Dictionary<string, string> Colors = new()
    {
        ["article"] = "#7f7f7f",
        ["article-tuned"] = "#b0a070",
        ["flaskstack"] = "#0072b2",
        ["flaskstack-telemetry"] = "#56b4e9",
        ["nginx"] = "#009e73",
        ["nginx-nginx-tcp"] = "#66c2a5",
        ["nginx-nginx-socket"] = "#a6d854",
        ["kestrel"] = "#d55e00",
        ["nginx-kestrel"] = "#e69f00",
    };

    /// <summary>The colour of a competitor.</summary>
    public static string Of(string competitor) => Colors.GetValueOrDefault(competitor, Other);
}

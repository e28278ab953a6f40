using FlaskStack.Bench.Loads;

namespace FlaskStack.Bench.Measures;

/// <summary>Names of what is measured.</summary>
internal static class Cases
{
    /// <summary>A request on so many connections.</summary>
    public static string Of(LoadRequest request, int connections) => $"{request.Title}, {connections} conn.";

    /// <summary>So many requests at once.</summary>
    public static string Waiting(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

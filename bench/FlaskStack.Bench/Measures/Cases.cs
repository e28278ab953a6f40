using FlaskStack.Bench.Loads;

namespace FlaskStack.Bench.Measures;

/// <summary>Names of what is measured.</summary>
internal static class Cases
{
    /// <summary>The connections of the loads that stand for all.</summary>
    private const int TypicalConnections = 64;

    /// <summary>A request on so many connections.</summary>
    public static string Of(LoadRequest request, int connections) => $"{request.Title}, {connections} conn.";

    /// <summary>Whether a case is a load on the typical number of connections, or no load.</summary>
    public static bool IsTypical(string @case) =>
        !@case.EndsWith(" conn.", StringComparison.Ordinal)
        || @case.EndsWith(string.Create(CultureInfo.InvariantCulture, $", {TypicalConnections} conn."), StringComparison.Ordinal);

    /// <summary>So many requests at once.</summary>
    public static string Waiting(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

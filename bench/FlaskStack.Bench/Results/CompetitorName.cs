namespace FlaskStack.Bench.Results;

/// <summary>A competitor in the results.</summary>
/// <param name="Key">Its name in the data.</param>
/// <param name="Title">Its name in the report.</param>
internal sealed record CompetitorName(string Key, string Title);

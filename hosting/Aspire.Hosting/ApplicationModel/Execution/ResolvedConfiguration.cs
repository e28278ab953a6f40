namespace Aspire.Hosting.ApplicationModel;

/// <summary>The environment variables and arguments that one process is started with.</summary>
/// <param name="Environment">The variables in the order in which they were set; a later one of the same name wins.</param>
/// <param name="Arguments">The arguments in order, and whether each has a secret in it.</param>
/// <param name="SensitiveVariables">The names of the variables that have a secret in them.</param>
internal sealed record ResolvedConfiguration(
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    IReadOnlyList<(string Value, bool IsSensitive)> Arguments,
    IReadOnlySet<string> SensitiveVariables);

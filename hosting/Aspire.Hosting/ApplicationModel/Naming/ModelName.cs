using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Aspire's rule for names of resources and endpoints: 1 to 64 ASCII letters, digits and hyphens, a letter first,
/// no hyphen last, no two hyphens in a row. Such names are fit for DNS labels, variables and manifest keys.
/// </summary>
internal static class ModelName
{
    /// <summary>The longest name Aspire accepts, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Throws when <paramref name="name"/> breaks the rule; <paramref name="kind"/> opens the message ("Resource", "Endpoint").</summary>
    /// <exception cref="ArgumentException">The name is not acceptable.</exception>
    public static void Validate(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        if (!IsValid(kind, name, out var error))
        {
            throw new ArgumentException(error, nameof(name));
        }
    }

    /// <summary>Tells whether <paramref name="name"/> keeps the rule, and if not, which part it breaks.</summary>
    public static bool IsValid(string kind, string name, [NotNullWhen(false)] out string? error)
    {
        error = Broken(name) is { } rule ? $"{kind} name '{name}' is invalid: {rule}" : null;
        return error is null;
    }

    private static string? Broken(string name) => name switch
    {
        { Length: < 1 or > MaxLength } => $"use 1 to {MaxLength} characters.",
        _ when !char.IsAsciiLetter(name[0]) => "start with an ASCII letter.",
        _ when !name.All(static c => c is '-' || char.IsAsciiLetterOrDigit(c)) => "use only ASCII letters, digits and hyphens.",
        _ when name.Contains("--", StringComparison.Ordinal) => "do not put two hyphens in a row.",
        _ when name.EndsWith('-') => "do not end with a hyphen.",
        _ => null,
    };
}

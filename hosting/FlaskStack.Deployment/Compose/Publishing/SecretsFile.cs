using System.Text;

namespace Aspire.Hosting.Docker.Publishing;

/// <summary>The file <c>.env</c> beside a Compose file: a line for each secret, to be filled in where it is deployed.</summary>
internal sealed class SecretsFile
{
    public const string Name = ".env";

    private readonly SortedDictionary<string, string?> _variables = new(StringComparer.Ordinal);

    public bool IsEmpty => _variables.Count == 0;

    /// <summary>Adds a secret.</summary>
    /// <returns>What stands for it in the Compose file; Compose refuses to start while it is empty.</returns>
    public string Add(string variable, string? description)
    {
        _variables[variable] = description;
        return $"${{{variable}:?Set {variable} in {Name}}}";
    }

    public string Text()
    {
        var text = new StringBuilder("# Secrets. Fill them in where the stack is deployed, and keep this file to yourself.\n");
        foreach (var (variable, description) in _variables)
        {
            if (!string.IsNullOrEmpty(description))
            {
                text.Append("# ").Append(description.ReplaceLineEndings(" ")).Append('\n');
            }

            text.Append(variable).Append("=\n");
        }

        return text.ToString();
    }
}

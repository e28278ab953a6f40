using System.Text.RegularExpressions;

namespace FlaskStack.Tests.Architecture;

/// <summary>What a file declares and what it names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Folder">Its folder in the project.</param>
/// <param name="Namespace">The namespace of its types.</param>
/// <param name="Usings">The namespaces it imports.</param>
/// <param name="Types">The types it declares, but nested ones.</param>
/// <param name="Names">The names in its code that may be of types, with what stands before the dot.</param>
internal sealed partial record SourceFile(
    string Name,
    string Folder,
    string Namespace,
    string[] Usings,
    string[] Types,
    HashSet<string> Names)
{
    /// <summary>
    /// What users call: the files <c>…Extensions.cs</c> and <c>…Builder.cs</c>, also in parts, of the project's own folder.
    /// </summary>
    public const string Extensions = "extensions";

    /// <summary>The other files of the project's own folder.</summary>
    public const string Root = "root";

    public static SourceFile Read(string project, string path)
    {
        // What an interpolated text holds is code too.
        var text = TextOrComment().Replace(
            File.ReadAllText(path),
            match => match.Value.StartsWith('$') ? match.Value.Replace('"', ' ') : " ");
        return new(
            Path.GetFileName(path),
            FolderOf(Path.GetRelativePath(project, path)),
            NamespaceLine().Match(text).Groups[1].Value,
            [.. UsingLine().Matches(text).Select(match => match.Groups[1].Value)],
            [.. Declaration().Matches(text).Select(match => match.Groups[1].Value)],
            [.. PlainName().Matches(text).Concat(DottedName().Matches(text)).Select(match => match.Groups[1].Value)]);
    }

    /// <summary>Which of the files that declare a type of this name is meant here, if any.</summary>
    public SourceFile? Nearest(string name, IEnumerable<SourceFile> declaring) => name.Split('.') is [var qualifier, _]
        ? declaring.FirstOrDefault(other => other.Namespace.EndsWith($".{qualifier}", StringComparison.Ordinal))
        : declaring.Where(other => IsWithin(other) || Usings.Contains(other.Namespace))
            .MaxBy(other => IsWithin(other) ? other.Namespace.Length : 0);

    private bool IsWithin(SourceFile other) => $"{Namespace}.".StartsWith($"{other.Namespace}.", StringComparison.Ordinal);

    private static string FolderOf(string path) => Path.GetDirectoryName(path) switch
    {
        { Length: > 0 } folder => folder.Replace('\\', '/'),
        _ => Path.GetFileName(path).Split('.')[0] is var name
            && (name.EndsWith("Extensions", StringComparison.Ordinal) || name.EndsWith("Builder", StringComparison.Ordinal))
                ? Extensions
                : Root,
    };

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|\$*"{3}[\s\S]*?"{3}|\$?"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])+'""")]
    private static partial Regex TextOrComment();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?<![\w)\]>}?!]\s*\.)\b([A-Z]\w*)")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"(?=\b(\w+\.[A-Z]\w*))")]
    private static partial Regex DottedName();
}

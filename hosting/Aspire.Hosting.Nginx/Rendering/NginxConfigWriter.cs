using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Nginx.Rendering;

/// <summary>Writes indented blocks and directives, and remembers which option each line came from.</summary>
internal sealed class NginxConfigWriter
{
    private readonly StringBuilder _text = new();
    private readonly ImmutableArray<string?>.Builder _origins = ImmutableArray.CreateBuilder<string?>();
    private int _depth;
    private bool _blankLineDue;

    /// <summary>The option to which the following lines belong.</summary>
    public string? Origin { get; set; }

    /// <summary>Begins a new paragraph, with a line that says what it is for.</summary>
    public void Paragraph(string comment, string? origin = null)
    {
        Paragraph();
        Origin = origin;
        Comment(comment);
    }

    /// <summary>Begins a new paragraph without a comment.</summary>
    public void Paragraph()
    {
        Origin = null;
        _blankLineDue = _origins.Count > 0 && !EndsWithOpenBlock();
    }

    public void Comment(params ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
        {
            WriteLine($"# {line}");
        }
    }

    public void Directive(string name, string value) => WriteLine($"{name} {value};");

    public void Directive(string name) => WriteLine($"{name};");

    /// <summary>Writes one directive with each of its values on a line of its own.</summary>
    public void DirectiveOfLines(string name, params ReadOnlySpan<string> values)
    {
        WriteLine(name);
        _depth++;
        for (var index = 0; index < values.Length; index++)
        {
            WriteLine(index == values.Length - 1 ? $"{values[index]};" : values[index]);
        }

        _depth--;
    }

    /// <summary>Writes directives with their last values in one column.</summary>
    public void Directives(params ReadOnlySpan<(string Name, string Value)> directives)
    {
        var width = 0;
        foreach (var (name, _) in directives)
        {
            width = Math.Max(width, name.Length);
        }

        foreach (var (name, value) in directives)
        {
            WriteLine($"{name.PadRight(width)} {value};");
        }
    }

    /// <summary>Writes directives of one value, with a comment at the end of each line, in columns.</summary>
    public void CommentedDirectives(params ReadOnlySpan<(string Name, string Value, string Comment)> directives)
    {
        var (names, values) = (0, 0);
        foreach (var (name, value, _) in directives)
        {
            (names, values) = (Math.Max(names, name.Length), Math.Max(values, value.Length + 1));
        }

        foreach (var (name, value, comment) in directives)
        {
            WriteLine($"{name.PadRight(names)} {(value + ";").PadRight(values)}  # {comment}");
        }
    }

    public void Open(string head)
    {
        WriteLine($"{head} {{");
        _depth++;
    }

    public void Close()
    {
        _depth--;
        _blankLineDue = false;
        WriteLine("}");
    }

    /// <summary>Writes a <c>map</c>: what a variable is, by a value.</summary>
    public void Map(string source, string variable, params ReadOnlySpan<(string Key, string Value)> entries)
    {
        Open($"map {source} {variable}");
        Directives(entries);
        Close();
    }

    /// <summary>Writes a user's own lines.</summary>
    public void Lines(string origin, string text)
    {
        var before = Origin;
        Origin = origin;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            WriteLine(line);
        }

        Origin = before;
    }

    public RenderedConfiguration Finish() => new(_text.ToString(), _origins.ToImmutable());

    private bool EndsWithOpenBlock() => _text.Length > 1 && _text[^2] == '{';

    private void WriteLine(string line)
    {
        if (_blankLineDue)
        {
            _text.Append('\n');
            _origins.Add(Origin);
            _blankLineDue = false;
        }

        _text.Append(' ', _depth * 4).Append(line).Append('\n');
        _origins.Add(Origin);
    }
}

/// <summary>A configuration file and, for each of its lines, the option that wrote it.</summary>
/// <param name="Text">The file, ending in a line feed.</param>
/// <param name="Origins">The option behind line n + 1, or null for what no option changes.</param>
internal sealed record RenderedConfiguration(string Text, ImmutableArray<string?> Origins)
{
    public string? OriginOf(int line) => line >= 1 && line <= Origins.Length ? Origins[line - 1] : null;
}

/// <summary>Values as nginx's configuration language writes them.</summary>
internal static class NginxText
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const int LongestPart = 12;

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes, in the largest unit that keeps them whole.</summary>
    public static string Size(long bytes) => bytes switch
    {
        _ when bytes % MiB == 0 => Number(bytes / MiB) + "m",
        _ when bytes % KiB == 0 => Number(bytes / KiB) + "k",
        _ => Number(bytes),
    };

    /// <summary>A duration in seconds, or in milliseconds where it is not whole.</summary>
    public static string Time(TimeSpan value) =>
        value.Ticks % TimeSpan.TicksPerSecond == 0
            ? Number((long)value.TotalSeconds) + "s"
            : Number((long)value.TotalMilliseconds) + "ms";

    /// <summary>Quotes what nginx would otherwise read as more than one word.</summary>
    /// <remarks>A dollar sign cannot be escaped; validation rejects it.</remarks>
    public static string Quote(string value) =>
        value.Length > 0 && value.All(IsPlain)
            ? value
            : $"\"{Escape(value)}\"";

    /// <summary>The part of a variable's name that stands for something: nginx has no room for a longer one.</summary>
    public static string VariablePart(string name)
    {
        var part = string.Concat(name.Select(static character =>
            char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_'));
        return part.Length <= LongestPart
            ? part
            : $"{part[..5]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name.ToLowerInvariant())))[..6]}";
    }

    /// <summary>What stands between quotes.</summary>
    public static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static bool IsPlain(char character) =>
        char.IsLetterOrDigit(character) || "/.-_:*+@%~,=[]".Contains(character, StringComparison.Ordinal);
}

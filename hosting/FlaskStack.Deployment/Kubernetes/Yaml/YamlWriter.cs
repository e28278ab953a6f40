using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.Kubernetes.Yaml;

/// <summary>Writes block-style YAML 1.2 that a reader of YAML 1.1 takes for the same: what might be read as anything but text is quoted.</summary>
internal sealed partial class YamlWriter
{
    private const int Step = 2;

    private readonly StringBuilder _text = new();

    /// <summary>Writes a document.</summary>
    /// <param name="comment">What it is, in its first line.</param>
    /// <param name="root">What is in it.</param>
    public static string Write(string comment, YamlMap root)
    {
        var writer = new YamlWriter();
        writer._text.Append("# ").Append(comment).Append('\n');
        writer.WriteMap(root, depth: 0, isIndented: true);
        return writer._text.ToString();
    }

    private void WriteMap(YamlMap map, int depth, bool isIndented)
    {
        foreach (var (key, value) in map)
        {
            Indent(isIndented ? depth : 0);
            isIndented = true;
            _text.Append(Inline(key)).Append(':');
            WriteValue(value, depth);
        }
    }

    private void WriteList(YamlList list, int depth)
    {
        foreach (var item in list)
        {
            Indent(depth);
            _text.Append('-');
            if (item is YamlMap { Count: > 0 } map)
            {
                _text.Append(' ');
                WriteMap(map, depth + Step, isIndented: false);
            }
            else
            {
                WriteValue(item, depth);
            }
        }
    }

    /// <summary>Writes what follows a key or a dash, and ends the line.</summary>
    private void WriteValue(YamlNode value, int depth)
    {
        switch (value)
        {
            case YamlMap { Count: > 0 } map:
                _text.Append('\n');
                WriteMap(map, depth + Step, isIndented: true);
                break;
            case YamlList { Count: > 0 } list:
                _text.Append('\n');
                WriteList(list, depth + Step);
                break;
            case YamlMap:
                _text.Append(" {}\n");
                break;
            case YamlList:
                _text.Append(" []\n");
                break;
            case YamlScalar { IsText: true } text when IsBlock(text.Value):
                WriteBlock(text.Value, depth + Step);
                break;
            case YamlScalar scalar:
                _text.Append(' ').Append(scalar.IsText ? Inline(scalar.Value) : scalar.Value).Append('\n');
                break;
        }
    }

    private void WriteBlock(string text, int depth)
    {
        // Keeps all line ends at the end, or adds none.
        _text.Append(text.EndsWith('\n') ? text.EndsWith("\n\n", StringComparison.Ordinal) ? " |+\n" : " |\n" : " |-\n");
        foreach (var line in (text.EndsWith('\n') ? text[..^1] : text).Split('\n'))
        {
            Indent(line.Length > 0 ? depth : 0);
            _text.Append(line).Append('\n');
        }
    }

    private void Indent(int depth) => _text.Append(' ', depth);

    /// <summary>Text of several lines, as long as its first one shows the indentation and no line has anything invisible.</summary>
    private static bool IsBlock(string text) =>
        text.Contains('\n', StringComparison.Ordinal)
        && text[0] is not (' ' or '\n')
        && !text.Any(static character => IsInvisible(character) && character != '\n');

    private static string Inline(string text) => Plain().IsMatch(text) && !Ambiguous().IsMatch(text) ? text : Quote(text);

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\n' => quoted.Append("\\n"),
                _ when IsInvisible(character) => quoted.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsInvisible(char character) => char.IsControl(character) || character is '\u2028' or '\u2029' or '\uFEFF';

    [GeneratedRegex(@"^[A-Za-z0-9_/.]([A-Za-z0-9_/.@%+=-]|:(?=[^\s])| (?=[A-Za-z0-9(]))*\z")]
    private static partial Regex Plain();

    /// <summary>Numbers, dates, flags and nothing, as either version of YAML reads them.</summary>
    [GeneratedRegex(@"^([-+.0-9][-+.0-9eE_:xXoOa-fA-FTZ]*|\.(inf|nan)|~|null|true|false|yes|no|on|off|y|n|=)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Ambiguous();
}

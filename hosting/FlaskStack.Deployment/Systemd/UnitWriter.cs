using System.Globalization;
using System.Text;
using Aspire.Hosting.Supervisor.Configuration;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Writes a unit file: sections, paragraphs with a comment, and settings.</summary>
internal sealed class UnitWriter
{
    /// <summary>
    /// The wait before a restart. systemd waits as long before it restarts what served until then, which the supervisor does at once, as
    /// before the next try of what did not start.
    /// </summary>
    private static readonly TimeSpan RestartWait = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan UsualBackoff = new SupervisorBackoff().Initial;

    private readonly StringBuilder _text = new();

    public UnitWriter Comment(string text)
    {
        _text.Append("# ").Append(text).Append('\n');
        return this;
    }

    public UnitWriter Section(string name)
    {
        BlankLine();
        _text.Append('[').Append(name).Append("]\n");
        return this;
    }

    public UnitWriter Paragraph(string comment)
    {
        BlankLine();
        return Comment(comment);
    }

    public UnitWriter Set(string name, string value)
    {
        _text.Append(name).Append('=').Append(value).Append('\n');
        return this;
    }

    public UnitWriter Set(string name, TimeSpan value) => Set(name, Duration(value));

    public UnitWriter Set(string name, long value) => Set(name, value.ToString(CultureInfo.InvariantCulture));

    public UnitWriter SetIf(bool condition, string name, Func<string> value) => condition ? Set(name, value()) : this;

    /// <summary>
    /// Lifts the limit of starts, for the section <c>[Unit]</c>: starts by hand count too, and a unit that has used up the limit stays
    /// down, even if it is started with its target.
    /// </summary>
    public UnitWriter UnlimitedStarts() => Set("StartLimitIntervalSec", 0);

    /// <summary>Writes the restart policy, for the section <c>[Service]</c>.</summary>
    public UnitWriter Restart(SupervisorOptions options)
    {
        if (options.Autorestart == SupervisorAutorestart.Never)
        {
            return Set("Restart", "no");
        }

        Set("Restart", "always");
        if (options.Autorestart == SupervisorAutorestart.Unexpected && options.ExitCodes.Length > 0)
        {
            var codes = options.ExitCodes.Order().Select(code => code.ToString(CultureInfo.InvariantCulture));
            Set("RestartPreventExitStatus", string.Join(' ', codes));
        }

        return Set("RestartSec", options.Backoff.Initial == UsualBackoff ? RestartWait : options.Backoff.Initial);
    }

    /// <summary>
    /// Schedules a unit as batch work. A proxy and its services wake each other with every request; as batch work they do not interrupt
    /// each other, which on few processors serves twice as many requests.
    /// </summary>
    public UnitWriter ScheduleAsBatch() => Set("CPUSchedulingPolicy", "batch");

    public override string ToString() => _text.ToString();

    /// <summary>A duration as systemd reads it, to the millisecond.</summary>
    public static string Duration(TimeSpan value)
    {
        var milliseconds = (long)Math.Ceiling(value.TotalMilliseconds);
        return milliseconds % 1000 == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000}s")
            : string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
    }

    /// <summary>A word as systemd reads it: quoted if necessary, with escapes and specifiers escaped.</summary>
    public static string Quote(string text)
    {
        if (text.Length > 0 && text.All(static character => char.IsAsciiLetterOrDigit(character)
            || character is '_' or '-' or '=' or '.' or ':' or '/' or ',' or '+' or '@'))
        {
            return text;
        }

        var quoted = text
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("%", "%%", StringComparison.Ordinal);
        return $"\"{quoted}\"";
    }

    private void BlankLine()
    {
        if (_text.Length > 0)
        {
            _text.Append('\n');
        }
    }
}

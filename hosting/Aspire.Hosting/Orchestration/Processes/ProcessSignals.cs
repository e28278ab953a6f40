using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Names of signals as people write them: <c>SIGTERM</c>, <c>TERM</c>, <c>term</c> or <c>15</c>.</summary>
internal static class ProcessSignals
{
    private const int Highest = 64;

    private static readonly (string Name, ProcessSignal Signal)[] Names =
    [
        ("HUP", ProcessSignal.Hangup),
        ("INT", ProcessSignal.Interrupt),
        ("QUIT", ProcessSignal.Quit),
        ("ABRT", ProcessSignal.Abort),
        ("KILL", ProcessSignal.Kill),
        ("USR1", ProcessSignal.User1),
        ("SEGV", ProcessSignal.SegmentationFault),
        ("USR2", ProcessSignal.User2),
        ("PIPE", ProcessSignal.Pipe),
        ("ALRM", ProcessSignal.Alarm),
        ("TERM", ProcessSignal.Terminate),
        ("CONT", ProcessSignal.Continue),
        ("STOP", ProcessSignal.Stop),
        ("WINCH", ProcessSignal.WindowChange),
    ];

    /// <summary>Reads a name or number; false for anything that is not a signal.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ProcessSignal signal)
    {
        signal = default;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        var name = text.AsSpan().Trim();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            signal = (ProcessSignal)number;
            return number is > 0 and <= Highest;
        }

        if (name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase))
        {
            name = name[3..];
        }

        foreach (var (known, value) in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                signal = value;
                return true;
            }
        }

        return false;
    }

    /// <summary>The name for messages: <c>SIGTERM</c>, or <c>signal 34</c> for one without a name.</summary>
    public static string ToName(this ProcessSignal signal)
    {
        foreach (var (known, value) in Names)
        {
            if (value == signal)
            {
                return "SIG" + known;
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"signal {(int)signal}");
    }
}

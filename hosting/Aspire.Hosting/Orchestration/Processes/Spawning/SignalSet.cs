using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>sigset_t of Linux's C libraries: a bit a signal, 1,024 of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalSet
{
    private const int Words = 16;

    private Content _words;

    /// <summary>The set of this one signal, 1 to 64.</summary>
    public static SignalSet Of(int signal)
    {
        var set = default(SignalSet);
        set._words[0] = 1UL << (signal - 1);
        return set;
    }

    [InlineArray(Words)]
    private struct Content
    {
        private ulong _first;
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>How a new process begins (posix_spawnattr_t): in a group of its own, with no signal blocked, and without .NET's own treatment of them.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SpawnAttributes : IDisposable
{
    // POSIX_SPAWN_SETPGROUP, _SETSIGDEF and _SETSIGMASK.
    private const short SetGroup = 0x02;
    private const short SetDefaultSignals = 0x04;
    private const short SetBlockedSignals = 0x08;

    private const int OwnGroup = 0;

    // .NET ignores it, and what is ignored stays so in another program.
    private const int BrokenPipeSignal = 13;

    // Its size is the C library's affair: 336 bytes in glibc and musl.
    private const int Bytes = 1024;

    public SpawnAttributes()
    {
        Address = Marshal.AllocHGlobal(Bytes);
        SpawnMethods.Check(SpawnMethods.InitializeAttributes(Address));
        SpawnMethods.Check(SpawnMethods.SetFlags(Address, SetGroup | SetDefaultSignals | SetBlockedSignals));
        SpawnMethods.Check(SpawnMethods.SetGroup(Address, OwnGroup));
        SpawnMethods.Check(SpawnMethods.SetDefaultSignals(Address, SignalSet.Of(BrokenPipeSignal)));
        SpawnMethods.Check(SpawnMethods.SetBlockedSignals(Address, default));
    }

    /// <summary>Where they are, for <see cref="SpawnMethods.Spawn"/>.</summary>
    public nint Address { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = SpawnMethods.DestroyAttributes(Address);
        Marshal.FreeHGlobal(Address);
    }
}

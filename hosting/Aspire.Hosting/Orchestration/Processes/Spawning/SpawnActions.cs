using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Aspire.Hosting.Orchestration.Processes.Spawning;

/// <summary>What a new process does before it becomes its program (posix_spawn_file_actions_t).</summary>
[SupportedOSPlatform("linux")]
internal sealed class SpawnActions : IDisposable
{
    private const string NullDevice = "/dev/null";
    private const int ReadOnly = 0;

    // Its size is the C library's affair: 80 bytes in glibc and musl.
    private const int Bytes = 512;

    private readonly List<SafePipeHandle> _held = [];

    public SpawnActions()
    {
        Address = Marshal.AllocHGlobal(Bytes);
        SpawnMethods.Check(SpawnMethods.InitializeActions(Address));
    }

    /// <summary>Where they are, for <see cref="SpawnMethods.Spawn"/>.</summary>
    public nint Address { get; }

    /// <summary>Opens <c>/dev/null</c> for reading.</summary>
    public void OpenNull(int descriptor) => SpawnMethods.Check(SpawnMethods.AddOpen(Address, descriptor, NullDevice, ReadOnly, 0));

    /// <summary>Gives it a descriptor of this process, which stays open until this is disposed of.</summary>
    public void Duplicate(SafePipeHandle pipe, int descriptor)
    {
        var isHeld = false;
        pipe.DangerousAddRef(ref isHeld);
        _held.Add(pipe);
        SpawnMethods.Check(SpawnMethods.AddDuplicate(Address, (int)pipe.DangerousGetHandle(), descriptor));
    }

    /// <summary>Changes its working directory.</summary>
    /// <exception cref="InvalidOperationException">The C library cannot.</exception>
    public void ChangeFolder(string folder)
    {
        try
        {
            SpawnMethods.Check(SpawnMethods.AddChangeFolder(Address, folder));
        }
        catch (EntryPointNotFoundException exception)
        {
            throw new InvalidOperationException("the system's C library is too old: glibc 2.29 or musl 1.1.24 is needed", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _held.ForEach(pipe => pipe.DangerousRelease());
        _ = SpawnMethods.DestroyActions(Address);
        Marshal.FreeHGlobal(Address);
    }
}

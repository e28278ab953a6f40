using System.Buffers;
using System.Runtime.Versioning;
using System.Text;

namespace Aspire.Hosting.Shared;

/// <summary>The environment variables of processes, by which those of one run are known: children inherit them.</summary>
[SupportedOSPlatform("linux")]
internal static class ProcessEnvironment
{
    private const int ReplacingMilliseconds = 1_000;
    private const int UsualBytes = 64 * 1024;

    /// <summary>A variable as <c>NAME=value</c>, or null: it is not set, or the process has ended or belongs to another user.</summary>
    public static string? VariableOf(int process, string name) => Read(process) is { } environment
        ? Encoding.UTF8.GetString(environment)
            .Split('\0')
            .FirstOrDefault(variable => variable.StartsWith($"{name}=", StringComparison.Ordinal) && variable.Length > name.Length + 1)
        : null;

    /// <summary>Whether the environment has a text, or null when it cannot be read.</summary>
    public static bool? Has(int process, string text) =>
        Read(process) is { } environment ? environment.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 : null;

    /// <remarks>The kernel shows an empty one for the moment in which a process becomes another program (<c>execve</c>).</remarks>
    private static byte[]? Read(int process)
    {
        try
        {
            for (var attempt = 0; attempt < ReplacingMilliseconds; attempt++)
            {
                if (ReadOnce(process) is { Length: > 0 } environment)
                {
                    return environment;
                }

                if (!HasProgram(process))
                {
                    return null;
                }

                // No event tells the end of that moment.
                Thread.Sleep(1);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
        }

        return null;
    }

    /// <remarks>In one call: the process may be another program at the next one, which finds the end then.</remarks>
    private static byte[] ReadOnce(int process)
    {
        using var file = File.OpenHandle($"/proc/{process}/environ", share: FileShare.ReadWrite);
        for (var size = UsualBytes; ; size *= 2)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                var length = RandomAccess.Read(file, buffer, fileOffset: 0);
                if (length < buffer.Length)
                {
                    return buffer[..length];
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Whether it runs a program: a thread of the kernel and a process that has ended do not.</summary>
    private static bool HasProgram(int process) => new FileInfo($"/proc/{process}/exe").LinkTarget is not null;
}

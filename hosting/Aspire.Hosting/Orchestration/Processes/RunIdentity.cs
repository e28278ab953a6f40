using System.Globalization;
using System.Security.Cryptography;

namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>Who started a process: this run of this AppHost. Children carry it as an environment variable.</summary>
internal sealed class RunIdentity
{
    /// <summary>
    /// Variable that every child inherits, and its children too. It finds what no list knows: a child started in the last
    /// instant of an AppHost, and daemons that left their group.
    /// </summary>
    public const string VariableName = "FLASKSTACK_RUN_ID";

    private const int IdBytes = 8;

    /// <summary>16 hexadecimal digits, new for every run.</summary>
    public string Id { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>The AppHost's process id.</summary>
    public int OwnerId { get; } = System.Environment.ProcessId;

    /// <summary>The AppHost's start ticks; 0 where there is no <c>/proc</c>.</summary>
    public long OwnerStartTicks { get; } = ProcessTable.Read(System.Environment.ProcessId)?.StartTicks ?? 0;

    /// <summary>The variable as <c>NAME=value</c>.</summary>
    public string Mark => $"{VariableName}={Id}";

    /// <summary>What tells the processes of one start from those of every other.</summary>
    /// <param name="number">The number of the start.</param>
    public ProcessMark MarkOf(int number) => new(string.Create(CultureInfo.InvariantCulture, $"{Id}.{number}"));
}

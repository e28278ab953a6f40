namespace Aspire.Hosting;

/// <summary>What an AppHost was started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>To run the resources on this machine.</summary>
    Run = 0,

    /// <summary>To write what a deployment needs, without running anything.</summary>
    Publish = 1,
}

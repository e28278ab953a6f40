namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that a resource sends telemetry to the dashboard.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>The protocol that the resource needs; null for whichever the dashboard offers.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}

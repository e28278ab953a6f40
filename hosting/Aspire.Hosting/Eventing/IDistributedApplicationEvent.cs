namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens to an application.</summary>
public interface IDistributedApplicationEvent
{
}

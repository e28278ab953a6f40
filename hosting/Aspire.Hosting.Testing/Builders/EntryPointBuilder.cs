using Aspire.Hosting.Testing.Applications;

namespace Aspire.Hosting.Testing.Builders;

/// <summary>The builder of an AppHost whose entry point waits for the test.</summary>
internal sealed class EntryPointBuilder(DistributedApplicationFactory factory, DistributedApplicationBuilder inner) : TestingBuilder(inner)
{
    public override async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default)
    {
        var application = await factory.BuildAsync(cancellationToken).ConfigureAwait(false);
        return new EntryPointApplication(factory, application);
    }

    public override ValueTask DisposeAsync() => factory.DisposeAsync();
}

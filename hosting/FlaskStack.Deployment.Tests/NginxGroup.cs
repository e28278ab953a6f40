using Aspire.Hosting.Nginx.Tests;

namespace FlaskStack.Deployment.Tests;

/// <summary>Tests that run the real nginx share the binary.</summary>
[CollectionDefinition(Name)]
public sealed class NginxGroup : ICollectionFixture<NginxBinary>
{
    public const string Name = "nginx";
}

using Aspire.Hosting.ApplicationModel;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

internal sealed class SampleResource(string name) : Resource(name), IResourceWithEndpoints, IResourceWithWaitSupport
{
    public SampleResource With(IResourceAnnotation annotation)
    {
        Annotations.Add(annotation);
        return this;
    }
}

using System.Text.Json;

namespace FlaskStack.Deployment.Tests.ContainerApps;

public class AzdRulesTests
{
    [Theory]
    [InlineData("""{"type":"executable.v0"}""", "azd does not know the type executable.v0")]
    [InlineData("""{"error":"x"}""", "azd does not know the type nothing")]
    [InlineData("""{"type":"container.v0","image":"x","replicas":2}""", "container.v0 has no field replicas")]
    [InlineData("""{"type":"container.v1","image":"x","build":{}}""", "either an image or a build")]
    [InlineData("""{"type":"container.v0","image":"x","env":{"A":1}}""", "an environment variable is no text")]
    [InlineData("""{"type":"container.v0","image":"x","env":{"A":"{b.bindings.http.url}"}}""", "{b.bindings.http.url} leads nowhere")]
    [InlineData("""{"type":"container.v0","image":"x","env":{"A":"{a.value"}}""", "braces")]
    [InlineData("""{"type":"container.v0","image":"x","bindings":{"t":{"scheme":"tcp"}}}""", "has no target port")]
    [InlineData(
        """{"type":"container.v0","image":"x","bindings":{"h":{"scheme":"http","targetPort":80,"port":8080}}}""",
        "can only have 80")]
    [InlineData(
        """
        {
          "type": "container.v0", "image": "x",
          "bindings": {
            "h": { "scheme": "http", "targetPort": 80, "external": true },
            "i": { "scheme": "http", "targetPort": 81, "external": true }
          }
        }
        """,
        "more than one group")]
    [InlineData(
        """{"type":"parameter.v0","value":"{a.inputs.value}","inputs":{"value":{"type":"string","secret":true,"default":{"value":"x"}}}}""",
        "a secret is written down")]
    [InlineData("""{"type":"project.v0","path":"/nowhere/x.csproj"}""", "is no relative path")]
    public void Break_at(string resource, string rule)
    {
        using var manifest = JsonDocument.Parse($"{{\"resources\":{{\"a\":{resource}}}}}");

        Assert.Contains(AzdRules.Check(manifest, Path.GetTempPath()), broken => broken.Contains(rule, StringComparison.Ordinal));
    }
}

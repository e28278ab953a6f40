using System.Reflection;

namespace FlaskStack.Tests.HostingTesting;

public class BuildGlueTests
{
    [Fact]
    public void A_referenced_project_has_a_class_with_the_path_of_its_file()
    {
        var project = new Projects.FlaskStack_Api();

        Assert.Equal("FlaskStack.Api.csproj", Path.GetFileName(project.ProjectPath));
        Assert.True(File.Exists(project.ProjectPath));
        Assert.True(project.SuppressBuild);
    }

    [Fact]
    public void The_AppHost_knows_where_its_project_is()
    {
        Assert.Equal(Projects.FlaskStack_AppHost.ProjectPath, GetMetadata("apphostprojectpath"));
        Assert.True(File.Exists(Path.Combine(GetMetadata("apphostprojectpath"), GetMetadata("apphostprojectname"))));
        Assert.True(Directory.Exists(GetMetadata("apphostprojectbaseintermediateoutputpath")));
    }

    [Fact]
    public void The_AppHost_knows_the_executable_of_each_project()
    {
        var output = GetMetadata($"aspireprojectoutput:{new Projects.FlaskStack_Api().ProjectPath}");

        Assert.Equal("FlaskStack.Api.dll", Path.GetFileName(output));
        Assert.True(File.Exists(output));
    }

    [Fact]
    public void A_referenced_project_is_not_loaded_into_the_AppHost()
    {
        var references = typeof(Projects.FlaskStack_AppHost).Assembly.GetReferencedAssemblies();

        Assert.DoesNotContain(references, reference => reference.Name == "FlaskStack.Api");
    }

    private static string GetMetadata(string key)
    {
        var assembly = typeof(Projects.FlaskStack_AppHost).Assembly;
        return Assert.Single(assembly.GetCustomAttributes<AssemblyMetadataAttribute>(), attribute => attribute.Key == key).Value!;
    }
}

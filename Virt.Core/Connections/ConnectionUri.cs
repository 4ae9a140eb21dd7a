namespace Virt.Connections;

/// <summary>A connection URI: <c>driver[+transport]://[user@][host][:port]/[path][?parameters]</c>.</summary>
public sealed class ConnectionUri
{
    /// <summary>The URI as text.</summary>
    public override string ToString() => string.Empty;
}
